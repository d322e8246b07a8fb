/** Keeps customers as a file: all of them, or those that are chosen. Rust writes it, into the folder for downloads. */

import { Download } from "lucide-react";
import { memo } from "react";

import type { CustomerId, ExportFormat } from "@/backend/bindings";
import { useCommand } from "@/backend/mutations";
import { Button } from "@/components/Button";
import { Icon } from "@/components/Icon";
import { Menu } from "@/components/Menu";
import { useSaved } from "@/errors/useSaved";
import { useI18n } from "@/i18n/I18nProvider";

const FORMATS: readonly ExportFormat[] = ["csv", "json"];

/** `chosen`: only these; all where there is no choice. Beside the list it is not drawn for each letter. */
export const ExportMenu = memo(function ExportMenu({ chosen = [] }: { chosen?: readonly CustomerId[] }) {
  const { t } = useI18n();
  const saved = useSaved();
  const save = useCommand("customers_save");
  const labels = chosen.length === 0 ? t.exportCustomers.all : t.exportCustomers.chosen;
  return (
    <Menu
      trigger={
        <Button disabled={save.isPending}>
          <Icon of={Download} small />
          {t.exportCustomers.title}
        </Button>
      }
      items={FORMATS.map((format) => ({
        label: labels[format],
        onSelect: () => save.mutate({ format, customers: [...chosen] }, saved),
      }))}
    />
  );
});
