/** Fältens namn på svenska. */

import type { FieldNames, MemberWords } from "./fields";

export const svFields: FieldNames = {
  name: "namn",
  subdomain: "subdomän",
  contact_email: "e-post",
  contact_name: "kontakt",
  status: "status",
  plan: "plan",
  blueprint: "mall",
  language: "språk",
  credits: "krediter",
  modules: "moduler",
  external_id: "externt id",
  production_url: "produktions-URL",
  github_repo_url: "GitHub-repo",
  supabase_project_ref: "projektreferens",
  database_url: "databas-URL",
  message: "meddelande",
  reason: "skäl",
  email: "e-post",
  phone: "telefon",
  role: "roll",
  standing: "ställning",
  joined_on: "startdatum",
  left_on: "slutdatum",
  instruments: "instrument",
};

/** Medlemmars roller och ställningar, med ord som en importerad fil kan ha. */
export const svMemberWords: MemberWords = {
  musician: "musiker",
  planner: "planerare",
  admin: "administratör",
  regular: "ordinarie",
  substitute: "vikarie",
  trial: "provtid",
  student: "elev",
  resting: "vilande",
  former: "tidigare",
};
