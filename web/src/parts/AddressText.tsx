export type Address = Partial<
  Record<"name" | "company" | "line1" | "line2" | "city" | "region" | "postcode" | "country" | "phone", string | null>
>;

/** An address as on a parcel. */
export function AddressText({ address }: { address: Address | null | undefined }) {
  const a = address ?? {};
  const town = [a.postcode, a.city].filter(Boolean).join(" ");
  const lines = [a.name, a.company, a.line1, a.line2, town, a.region, a.country, a.phone].filter(Boolean);
  if (lines.length === 0) return <p className="faint">No address</p>;
  return (
    <address>
      {lines.map((line) => (
        <div key={line}>{line}</div>
      ))}
    </address>
  );
}
