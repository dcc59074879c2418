import type { Shape } from "@/api/client";

export type Invoice = Shape<"SupplierInvoice">;

/** As the server writes it down (agents/purchasing/matching.py); a line's, or of the charges without one. */
export type Difference = { kind: string; line_no: number | null; sku: string | null; within: boolean; why: string };

export const differencesOf = (invoice: Invoice) => invoice.differences as Difference[];
export const remaining = (invoice: Invoice) => differencesOf(invoice).filter((d) => !d.within);
export const invoiceHref = (id: string) => `/invoices/${id}`;
export const TOUCHES = ["supplier-invoices" as const, "supplier-credits" as const, "supplier-claims" as const];
