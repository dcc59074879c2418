export const SIBLINGS = [
  { label: "Supplier invoices", to: "/invoices" },
  { label: "Credit notes", to: "/invoices/credits" },
  { label: "Owed to us", to: "/invoices/owed" },
  { label: "Tolerances", to: "/invoices/tolerances" },
];
