/** Where a notice leads: the record it is about. */
export function noticePlace(subject: string): string | null {
  const [kind = "", id = ""] = subject.split(":");
  const one = encodeURIComponent(id);
  switch (kind) {
    case "order":
      return `/orders/${one}`;
    case "bulk":
      return `/actions/${one}`;
    case "delivery":
      return "/agents/dead-letters";
    case "notification":
      return `/orders?sort=-updated_at`;
    case "import":
      return `/imports/${one}`;
    case "lot":
      return `/stock/lots/${one}`;
    case "webhook":
      return `/webhooks/${one}`;
    default:
      return null;
  }
}
