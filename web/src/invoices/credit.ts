import type { Shape } from "@/api/client";
import type { Difference } from "./invoice";

export type Credit = Shape<"SupplierCredit">;
export type Claim = Shape<"SupplierClaim">;

export const creditDifferences = (credit: Credit) => credit.differences as Difference[];
export const creditRemaining = (credit: Credit) => creditDifferences(credit).filter((d) => !d.within);
export const creditHref = (id: string) => `/invoices/credits/${id}`;
export const CREDIT_TOUCHES = ["supplier-credits" as const, "supplier-claims" as const, "supplier-invoices" as const];
