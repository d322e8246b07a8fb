import type { Credential, CredentialsPage, Provider } from "@/backend/bindings";

export const credential = (provider: Provider, given: Partial<Credential>): Credential => ({
  provider,
  state: "works",
  source: "keyring",
  overruled: false,
  scopes: [],
  needed_scopes: [],
  token_page: "https://example.com/",
  prefix: "",
  needed: true,
  ...given,
});

const soon = (days: number) => new Date(Date.now() + days * 86_400_000 + 3_600_000).toISOString();

export const credentialsPage: CredentialsPage = {
  sandbox: true,
  keyring: { backend: "Secret Service, GNOME Keyring", usable: true, tokens: 5, system: "linux" },
  credentials: [
    credential("supabase", { account: "Organisation norrform", last_four: "3f9a", expires_at: "2027-03-01T00:00:00Z", prefix: "sbp_" }),
    credential("github", {
      state: "rejected",
      account: "Organisation norrform",
      scopes: ["repo"],
      needed_scopes: ["repo", "workflow"],
      last_four: "Qx7L",
      expires_at: "2027-02-14T00:00:00Z",
      prefix: "ghp_",
      problem: { code: "credential_scope_missing", scopes: ["workflow"], provider: "github" },
    }),
    credential("vercel", { state: "expires_soon", account: "Team norrform-ab", last_four: "p2Zt", expires_at: soon(6) }),
    credential("resend", { state: "missing", source: "none", needed_scopes: ["full_access"], prefix: "re_" }),
    credential("n8n", { state: "missing", source: "none", needed: false }),
    credential("gitea", { state: "missing", source: "none", needed: false }),
    credential("stripe", { account: "Norrform AB", scopes: ["events:read"], last_four: "0kVe", needed: false }),
  ],
};
