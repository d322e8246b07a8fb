/** Ten rows of an agency's own table, as they would become customers; and everything that is wrong. */

import type { SourcePreview } from "@/backend/bindings";
import { useBlueprints } from "@/backend/queries";
import { planTitle } from "@/components/planTitle";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { present } from "@/errors/presentation";
import { useI18n } from "@/i18n/I18nProvider";

export function SourceRows({ preview }: { preview: SourcePreview }) {
  const { t, language } = useI18n();
  const { data: blueprints = [] } = useBlueprints();
  const head = "border-b border-border py-1.5 pr-3 text-left text-caption font-normal text-text-3";
  const cell = "border-b border-border py-1.5 pr-3 align-top wrap-anywhere";
  if (preview.problems.length > 0) {
    return (
      <div className="grid gap-2">
        {preview.problems.map((problem) => (
          <ErrorDisplay key={JSON.stringify(problem)} problem={problem} compact />
        ))}
      </div>
    );
  }
  const { fields } = t.source;
  const columns = [
    { title: fields.external_id, width: "9%" },
    { title: fields.name, width: "33%" },
    { title: fields.subdomain, width: "15%" },
    { title: fields.status, width: "11%" },
    { title: t.source.gets, width: "13%" },
    { title: t.source.outcome, width: "19%" },
  ];
  const table = (
    <table className="w-full table-fixed border-separate border-spacing-0">
      <thead>
        <tr>
          {columns.map(({ title, width }) => (
            <th key={title} scope="col" className={head} style={{ width }}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {preview.rows.map((row, place) => (
          <tr key={`${place} ${row.key}`}>
            <td className={`${cell} mono truncate`} title={row.key}>{row.key}</td>
            <td className={cell}>
              <div className="font-medium">{row.name}</div>
              <div className="text-text-2">{row.customer?.contact_email}</div>
            </td>
            <td className={cell}>{row.customer?.subdomain}</td>
            <td className={cell}>{row.customer && t.customerStatus[row.customer.status]}</td>
            <td className={cell}>{row.customer && `${row.customer.blueprint}, ${planTitle(blueprints, row.customer, language)}`}</td>
            <td className={cell}>
              {row.problems.length > 0 ? (
                <span className="text-error">{row.problems.map((problem) => present(problem, language).title).join(". ")}</span>
              ) : row.customer === undefined ? (
                t.source.nobody
              ) : row.asks ? (
                t.source.asks
              ) : (
                t.source.customer
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
  if (preview.kept_back === undefined) return table;
  return (
    <div className="grid gap-2">
      <ErrorDisplay problem={preview.kept_back} compact mild />
      {table}
    </div>
  );
}
