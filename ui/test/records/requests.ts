/** The inbox: one that can be approved, one whose price is not known, a subscription that has ended, one that was rejected. */

import type { OnboardingRequest } from "@/backend/bindings";

import { NOW } from "./customers";

const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();

const request = (id: string, minutes: number, given: Partial<OnboardingRequest>): OnboardingRequest => ({
  id,
  kind: "onboarding",
  state: "open",
  name: "Havsbrisens Naturskola",
  subdomain: "havsbrisen",
  contact_email: "maja@havsbrisen.se",
  contact_name: "Maja Öhrn",
  blueprint: "factory",
  plan: "professional",
  language: "sv",
  modules: ["crm"],
  origin: { from: "hand", operator: "anna@ateljen" },
  at_once: false,
  created_at: ago(minutes),
  updated_at: ago(minutes),
  ...given,
});

export const requests: OnboardingRequest[] = [
  request("req-open", 12, { message: "Vi vill komma igång före terminsstarten i januari.\nGår det?" }),
  request("req-price", 300, {
    name: "Orkesterföreningen Lyran",
    subdomain: "lyran",
    contact_name: undefined,
    contact_email: "styrelsen@lyran.se",
    blueprint: "",
    plan: "",
    modules: [],
    origin: { from: "stripe", subscription: "sub_1QlyranB2", customer: "cus_Rlyran", price: "price_1Qgammal", beside: false },
    problem: { code: "price_unknown", price: "price_1Qgammal" },
  }),
  request("req-ended", 1500, {
    kind: "cancellation",
    name: "Tonika Musikskola",
    subdomain: "tonika",
    contact_name: undefined,
    contact_email: "info@tonika.se",
    origin: { from: "stripe", subscription: "sub_1Qtonika", customer: "cus_Rtonika", beside: false },
    customer: "c6",
  }),
  request("req-rejected", 9000, {
    state: "rejected",
    name: "Pålssons Trädgårdsdesign",
    subdomain: "palssons",
    contact_email: "elin@palssons.se",
    decided: { at: ago(8900), by: "anna@ateljen", reason: "Vi tar inte in fler före årsskiftet." },
  }),
];
