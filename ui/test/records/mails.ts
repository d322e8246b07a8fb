/** A welcome mail as Rust shows it. */

import type { WelcomePreview } from "@/backend/bindings";

export const welcome: WelcomePreview = {
  from: "Norrform <hej@norrform.se>",
  to: "anna@nordanvind.se",
  reply_to: "support@norrform.se",
  subject: "Välkommen, Nordanvind Byggkonsult",
  text: "Hej Anna!\n\nLogga in här: ••••••••\n\n<b>Inget märkspråk</b> tolkas.\n",
  html: "<p>Hej Anna!</p>",
  last: { state: "sent", to: "anna@nordanvind.se", at: "2026-11-20T09:00:00Z", ended_at: "2026-11-20T09:00:00Z" },
};
