import type { Shape } from "@/api/client";
import type { ResourceName } from "@/api/resources";

export type ExchangeRow = Shape<"Exchange">;
export type WholeExchange = Shape<"ExchangeDetail">;

/** What a step of an exchange makes out of date: both its halves. */
export const TOUCHES: (ResourceName | "home")[] = ["exchanges", "returns", "orders", "payments", "stock", "ledger", "home"];

export const exchangeHref = (id: string) => `/exchanges/${id}`;

export type GoodsTyped = { sku: string; units: string; swap: string };

/** What the API takes: lines without a SKU are left out, an empty `swap` takes the catalogue's price. */
export function goodsBody(goods: GoodsTyped[]): Shape<"WantedOut">[] {
  return goods.flatMap(({ sku, units, swap }) =>
    sku.trim() && Number(units) > 0
      ? [{ sku: sku.trim(), quantity: Number(units), unit_amount: null, for_line: swap ? Number(swap) : null }]
      : [],
  );
}

/** What a balance means to the customer. */
export const balanceText = (balance: number) => (balance > 0 ? "Customer pays" : balance < 0 ? "Given back" : "Even");
