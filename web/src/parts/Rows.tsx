import type { ReactNode } from "react";
import { classesOf, type Column } from "./Table";

type Props<Row> = {
  rows: readonly Row[];
  columns: Column<Row>[];
  keyOf: (row: Row) => string;
  /** What stands below the columns, one for each: the server's sums. */
  foot?: ReactNode[];
};

/** A small table inside a card; for a whole list there is `<Table>`. */
export function Rows<Row>({ rows, columns, keyOf, foot }: Props<Row>) {
  return (
    <table className="table">
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.id} className={classesOf(column)}>
              {column.label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            {columns.map((column) => (
              <td key={column.id} className={classesOf(column)}>
                {column.render(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
      {foot && (
        <tfoot>
          <tr>
            {columns.map((column, at) => (
              <td key={column.id} className={classesOf(column)}>
                <span className="strong">{foot[at]}</span>
              </td>
            ))}
          </tr>
        </tfoot>
      )}
    </table>
  );
}
