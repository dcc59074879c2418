import type { Shape } from "@/api/client";
import type { Address } from "./AddressText";
import { TextIn } from "./fields";

/** The fields of an address, below one name of the form. */
export function AddressIn({ name, person }: { name: string; person?: boolean }) {
  return (
    <>
      {person && (
        <div className="form-grid">
          <TextIn name={`${name}.name`} label="Name" />
          <TextIn name={`${name}.company`} label="Company" />
        </div>
      )}
      <div className="form-grid">
        <TextIn name={`${name}.line1`} label="Street" />
        <TextIn name={`${name}.line2`} label="Addition" />
      </div>
      <div className="form-grid">
        <TextIn name={`${name}.postcode`} label="Postcode" />
        <TextIn name={`${name}.city`} label="City" />
        <TextIn name={`${name}.country`} label="Country" placeholder="GB" />
      </div>
    </>
  );
}

/** What was entered, without what is empty. */
export function addressOf(address: Address): Shape<"Address"> {
  const entered = Object.entries(address).map(([key, value]) => [key, value?.trim()] as const);
  return Object.fromEntries(entered.filter(([, value]) => value));
}
