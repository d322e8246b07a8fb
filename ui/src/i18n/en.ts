/** English. This catalogue is the shape of the others. */

import { enCredentials } from "./credentials.en";
import { enCustomers } from "./customers.en";
import { enEvents } from "./events.en";
import { enFields } from "./fields.en";
import { enFirstRun } from "./firstRun.en";
import { enFrame } from "./frame.en";
import type { Messages } from "./messages";
import { enRequests } from "./requests.en";
import { enRuns } from "./runs.en";
import { enSettings } from "./settings.en";
import { enStates } from "./states.en";

export const en = {
  ...enFrame,
  ...enCustomers,
  ...enRequests,
  ...enRuns,
  ...enCredentials,
  ...enSettings,
  ...enFirstRun,
  ...enStates,
  ...enEvents,
  fields: enFields,
} satisfies Messages;
