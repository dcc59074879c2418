/** What may pay an order when somebody chooses by hand. The server says which of them are set up. */
export const TENDERS = [
  { value: "gift_card", label: "Gift card" },
  { value: "store_credit", label: "Store credit of the customer" },
  { value: "stripe", label: "Card with Stripe" },
  { value: "test", label: "Test card" },
];

export type Tender = { provider: string; token: string };

/** A gift card is named by its code, a card by its token, the customer's credit by nothing. */
export function tenderBody({ provider, token }: Tender): { provider: string; token: string | null; code: string | null } {
  const said = token.trim() || null;
  if (provider === "gift_card") return { provider, token: null, code: said };
  return { provider, token: provider === "store_credit" ? null : said, code: null };
}
