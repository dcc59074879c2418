import Button from "@mui/material/Button";
import { Pencil, Plus } from "lucide-react";
import { useNotify } from "ra-core";
import { useState } from "react";
import { useNavigate } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { AddressIn, addressOf } from "@/parts/AddressIn";
import type { Address } from "@/parts/AddressText";
import { Ask } from "@/parts/Ask";
import { TextIn } from "@/parts/fields";
import { useCan } from "@/parts/scopes";
import { useSeen } from "@/parts/seen";

type Customer = Shape<"CustomerDetail">;
type Body = Shape<"CustomerBody">;
type Values = { name: string; email: string; phone: string; external_ref: string; class: string; tags: string; address: Address };

export function NewCustomerButton() {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_customers")) return null;
  return (
    <>
      <Button variant="contained" color="primary" startIcon={<Plus size={14} />} onClick={() => setOpen(true)}>
        New customer
      </Button>
      {isOpen && <PutCustomer close={() => setOpen(false)} />}
    </>
  );
}

export function EditCustomerButton({ customer }: { customer: Customer }) {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_customers") || customer.erased_at) return null;
  return (
    <>
      <Button startIcon={<Pencil size={14} />} onClick={() => setOpen(true)}>
        Edit
      </Button>
      {isOpen && <PutCustomer customer={customer} close={() => setOpen(false)} />}
    </>
  );
}

function PutCustomer({ customer, close }: { customer?: Customer; close: () => void }) {
  const navigate = useNavigate();
  const notify = useNotify();
  const seen = useSeen(customer?.version ?? 0);
  const addresses = (customer?.addresses ?? []) as Address[];
  const put = useWrite(
    (body: Body, once) =>
      answer(
        customer
          ? api.PUT("/api/v1/customers/{customer_id}", { params: { path: { customer_id: customer.id } }, body, ...once })
          : api.POST("/api/v1/customers", { body, ...once }),
      ),
    {
      touches: ["customers"],
      done: (kept) => {
        notify("Saved.");
        if (!customer) void navigate(`/customers/${kept.id}`);
      },
    },
  );
  return (
    <Ask<Values, Body>
      title={customer ? "Edit customer" : "New customer"}
      about={customer ? undefined : "A customer with the same e-mail is changed rather than made again."}
      verb="Save"
      width="sm"
      values={{
        name: customer?.name ?? "",
        email: customer?.email ?? "",
        phone: customer?.phone ?? "",
        external_ref: customer?.external_ref ?? "",
        class: customer?.class ?? "standard",
        tags: customer?.tags.join(", ") ?? "",
        address: addresses[0] ?? {},
      }}
      input={({ tags, address, ...rest }) => {
        const entered = addressOf(address);
        const first = Object.keys(entered).length > 0 ? [entered] : [];
        return {
          name: rest.name.trim() || null,
          email: rest.email.trim() || null,
          phone: rest.phone.trim() || null,
          external_ref: rest.external_ref.trim() || null,
          class: rest.class.trim() || null,
          tags: tags.split(",").map((tag) => tag.trim()).filter(Boolean),
          addresses: [...first, ...(addresses.slice(1) as Shape<"Address">[])],
          version: customer ? seen.version : null,
        };
      }}
      write={put}
      close={close}
      seen={customer ? seen : undefined}
      what="customer"
    >
      <div className="form-grid">
        <TextIn name="name" label="Name" autoFocus />
        <TextIn name="email" label="E-mail" type="email" />
      </div>
      <div className="form-grid">
        <TextIn name="phone" label="Phone" />
        <TextIn name="external_ref" label="Reference" />
        <TextIn name="class" label="Class" placeholder="standard" />
      </div>
      <TextIn name="tags" label="Tags" placeholder="vip, newsletter" />
      <AddressIn name="address" person />
    </Ask>
  );
}
