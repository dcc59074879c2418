/** Where a record of the audit log is shown: `order:ID`, `order_line:ID/1`, `user:ID`; null where nothing shows it. */
export function recordPlace(record: string): string | null {
  const [kind = "", rest = ""] = record.split(/:(.*)/s);
  const id = encodeURIComponent(rest.split("/")[0] ?? "");
  switch (kind) {
    case "order":
    case "order_line":
      return `/orders/${id}`;
    case "product":
      return `/products/${id}`;
    case "return":
    case "return_line":
      return `/returns/${id}`;
    case "customer":
      return `/customers/${id}`;
    case "user":
      return `/users?id_eq=${id}`;
    case "role":
      return `/roles?open=${id}`;
    case "api_key":
      return `/keys?id_eq=${id}`;
    case "bulk":
      return `/actions/${id}`;
    case "delivery":
      return "/agents/dead-letters";
    case "supplier":
    case "supplier_item":
      return `/suppliers/${id}`;
    case "replenishment_rule":
      return `/replenishment/places/${rest.split("/").map(encodeURIComponent).join("/")}`;
    case "replenishment_class":
      return "/replenishment/classes";
    case "purchase":
    case "purchase_line":
      return `/purchases/${id}`;
    case "node":
      return `/nodes/${id}`;
    default:
      return null;
  }
}
