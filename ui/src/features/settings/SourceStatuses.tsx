/** What the words in the table's column of statuses mean, beyond those that everybody uses. */

import { useState } from "react";

import type { Mapping, Meaning } from "@/backend/bindings";
import { Button } from "@/components/Button";
import { Field, Input } from "@/components/Field";
import { Select } from "@/components/Select";
import { useI18n } from "@/i18n/I18nProvider";

import { Group, NONE, withoutSubmit } from "./SourceColumns";

const MEANINGS: readonly Meaning[] = ["pending", "active", "inactive", "request", "none"];

interface StatusesProps {
  statuses: Mapping["statuses"];
  onChange(statuses: Mapping["statuses"]): void;
}

export function SourceStatuses({ statuses, onChange }: StatusesProps) {
  const { t } = useI18n();
  const [word, setWord] = useState("");
  const mean = (changed: string, meaning: Meaning | typeof NONE) => {
    const others = Object.entries(statuses).filter(([other]) => other !== changed);
    onChange(Object.fromEntries(meaning === NONE ? others : [...others, [changed, meaning]]));
  };
  const add = () => {
    const plain = word.trim().toLowerCase();
    if (plain !== "") onChange({ ...statuses, [plain]: statuses[plain] ?? "pending" });
    setWord("");
  };
  return (
    <Group title={t.source.statuses}>
      {Object.keys(statuses)
        .sort()
        .map((known) => (
          <Field key={known} label={known}>
            {(tied) => (
              <Select<Meaning | typeof NONE>
                {...tied}
                value={statuses[known] ?? NONE}
                options={[{ value: NONE, label: t.source.usualMeaning }, ...MEANINGS.map((meaning) => ({ value: meaning, label: t.source.meanings[meaning] }))]}
                onChange={(meaning) => mean(known, meaning)}
              />
            )}
          </Field>
        ))}
      <Field label={t.source.word}>
        {(tied) => (
          <span className="flex gap-2">
            <Input {...tied} className="grow" value={word} onChange={(event) => setWord(event.target.value)} onKeyDown={withoutSubmit(add)} />
            <Button disabled={word.trim() === ""} onClick={add}>
              {t.source.addWord}
            </Button>
          </span>
        )}
      </Field>
    </Group>
  );
}
