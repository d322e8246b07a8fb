/** Svenska. */

import { svCredentials } from "./credentials.sv";
import { svCustomers } from "./customers.sv";
import { svEvents } from "./events.sv";
import { svFields } from "./fields.sv";
import { svFirstRun } from "./firstRun.sv";
import { svFrame } from "./frame.sv";
import type { Messages } from "./messages";
import { svRequests } from "./requests.sv";
import { svRuns } from "./runs.sv";
import { svSettings } from "./settings.sv";
import { svStates } from "./states.sv";

export const sv = {
  ...svFrame,
  ...svCustomers,
  ...svRequests,
  ...svRuns,
  ...svCredentials,
  ...svSettings,
  ...svFirstRun,
  ...svStates,
  ...svEvents,
  fields: svFields,
} satisfies Messages;
