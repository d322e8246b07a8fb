/** What each kind of step makes, and where it is told of. A kind that is missing does not compile. */

import type { ResourceKind, StepKind } from "@/backend/bindings";

interface Makes {
  resource: ResourceKind;
  /** An owner would look for it: the page of a run shows it. Settings, files and variables are not listed. */
  isLookedFor?: true;
  /** Somebody else may have its name: a request is shown whether that is free. */
  isNamed?: true;
}

/** By kind of step; none for one that makes nothing. */
export const MAKES: Record<StepKind, Makes | undefined> = {
  "supabase-project": { resource: "supabase_project", isLookedFor: true, isNamed: true },
  "recovery-off": undefined,
  "compute-size": { resource: "compute_size" },
  "point-in-time-recovery": { resource: "point_in_time_recovery" },
  "database-url": { resource: "database_url" },
  "database-schema": { resource: "database_schema", isLookedFor: true },
  "isolation-check": undefined,
  "auth-settings": { resource: "auth_settings" },
  "admin-user": { resource: "auth_user", isLookedFor: true },
  "github-repo": { resource: "repository", isLookedFor: true, isNamed: true },
  "client-config": { resource: "repository_file" },
  "vercel-project": { resource: "vercel_project", isLookedFor: true, isNamed: true },
  "vercel-environment": { resource: "vercel_environment" },
  "vercel-deployment": { resource: "vercel_deployment", isLookedFor: true },
  "custom-domain": { resource: "domain", isLookedFor: true, isNamed: true },
  "n8n-workflows": { resource: "workflows", isLookedFor: true, isNamed: true },
  "workflow-backup": { resource: "workflow_backup", isNamed: true },
  "site-check": undefined,
  "welcome-email": { resource: "mail", isLookedFor: true },
  finalize: undefined,
};
