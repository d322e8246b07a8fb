/** English names of fields. */

import type { FieldNames, MemberWords } from "./fields";

export const enFields: FieldNames = {
  name: "name",
  subdomain: "subdomain",
  contact_email: "e-mail",
  contact_name: "contact",
  status: "status",
  plan: "plan",
  blueprint: "blueprint",
  language: "language",
  credits: "credits",
  modules: "modules",
  external_id: "external id",
  production_url: "production URL",
  github_repo_url: "GitHub repo",
  supabase_project_ref: "project reference",
  database_url: "database URL",
  message: "message",
  reason: "reason",
  email: "e-mail",
  phone: "phone",
  role: "role",
  standing: "standing",
  joined_on: "start date",
  left_on: "end date",
  instruments: "instruments",
};

/** Members' roles and standings, in words that an imported file may have. */
export const enMemberWords: MemberWords = {
  musician: "musician",
  planner: "planner",
  admin: "administrator",
  regular: "regular",
  substitute: "substitute",
  trial: "trial",
  student: "student",
  resting: "resting",
  former: "former",
};
