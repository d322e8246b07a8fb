/** A cell across a whole row, in a table whose columns give way in a narrow window. */

import type { ReactNode } from "react";

import { classes } from "./classes";

interface AcrossProps {
  /** How many columns every window has room for. */
  columns: number;
  /** The classes that hide the others, one for each. */
  givingWay: readonly string[];
  className?: string;
  children?: ReactNode;
}

/** A span over columns that are hidden would make the table give them room: those have cells of their own. */
export function Across({ columns, givingWay, className, children }: AcrossProps) {
  return (
    <>
      <td colSpan={columns} className={className}>
        {children}
      </td>
      {givingWay.map((hidden, place) => (
        <td key={place} className={classes(className, hidden)} />
      ))}
    </>
  );
}
