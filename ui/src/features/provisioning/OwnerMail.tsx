/** How the owner was told by mail that a run failed. It says nothing of how the run ended. */

import type { MailView } from "@/backend/bindings";
import { OwnWords } from "@/components/OwnWords";
import { useNow } from "@/components/useNow";
import { present } from "@/errors/presentation";
import { useI18n } from "@/i18n/I18nProvider";

const MINUTE_MS = 60_000;

export function OwnerMail({ mail }: { mail: MailView }) {
  const { t, language, format } = useI18n();
  const now = useNow(MINUTE_MS);
  const words = t.run.ownerMail[mail.state](mail.to ?? t.run.owner, format.moment(mail.ended_at ?? mail.at, now));
  const why = mail.problem === undefined ? undefined : present(mail.problem, language);
  return (
    <p className="text-caption text-text-3">
      {words}
      {why !== undefined && (
        <span className="block">
          {`${why.title}. ${why.text}`}
          <OwnWords words={why.words} />
        </span>
      )}
    </p>
  );
}
