/** What every catalogue holds: the English one's shape. */

import type { enScreens } from "./en";
import type { enEvents } from "./events.en";
import type { enRuns } from "./runs.en";
import type { enSettings } from "./settings.en";
import type { enStates } from "./states.en";

export type Messages = typeof enScreens & typeof enSettings & typeof enRuns & typeof enStates & typeof enEvents;
