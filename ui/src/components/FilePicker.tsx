/** Reads the text of a file that the owner chooses. */

import { FileUp } from "lucide-react";
import { useRef } from "react";

import { useI18n } from "@/i18n/I18nProvider";

import { Button } from "./Button";
import { Icon } from "./Icon";
import { readText } from "./readText";
import { useToaster } from "./Toast";

interface FilePickerProps {
  /** As an `accept` attribute; anything where nothing is said. */
  accept?: string;
  disabled?: boolean;
  onText(fileName: string, text: string): void;
}

export function FilePicker({ accept, disabled, onText }: FilePickerProps) {
  const { t } = useI18n();
  const toaster = useToaster();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        accept={accept}
        hidden
        aria-label={t.common.chooseFile}
        onChange={(event) => {
          const file = event.target.files?.[0];
          // The same file can be chosen again after it was mended.
          event.target.value = "";
          if (file !== undefined) {
            void file.arrayBuffer().then(
              (bytes) => onText(file.name, readText(new Uint8Array(bytes))),
              // It was moved, or may not be read.
              () => toaster.failed(({ t }) => t.common.unreadable(file.name), ({ t }) => t.common.unreadableText),
            );
          }
        }}
      />
      <Button disabled={disabled} onClick={() => input.current?.click()}>
        <Icon of={FileUp} small />
        {t.common.chooseFile}
      </Button>
    </>
  );
}
