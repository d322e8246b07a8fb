/** What every catalogue holds: the English one's shape. */

import type { enCredentials } from "./credentials.en";
import type { enCustomers } from "./customers.en";
import type { enEvents } from "./events.en";
import type { FieldNames } from "./fields";
import type { enFirstRun } from "./firstRun.en";
import type { enFrame } from "./frame.en";
import type { enRequests } from "./requests.en";
import type { enRuns } from "./runs.en";
import type { enSettings } from "./settings.en";
import type { enStates } from "./states.en";

export type Messages = typeof enFrame &
  typeof enCustomers &
  typeof enRequests &
  typeof enRuns &
  typeof enCredentials &
  typeof enSettings &
  typeof enFirstRun &
  typeof enStates &
  typeof enEvents & { fields: FieldNames };
