import { useQuery } from "@tanstack/react-query";
import { Ban, Clock, Pencil, ShoppingCart } from "lucide-react";
import { useState } from "react";
import { Link, useParams } from "react-router";
import Button from "@mui/material/Button";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Actions, type Verb, type VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { Chip } from "@/parts/Chip";
import { NumberIn, TextIn } from "@/parts/fields";
import { Money } from "@/parts/Money";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { useCan } from "@/parts/scopes";
import { useSeen } from "@/parts/seen";
import { Loaded } from "@/parts/states";
import { backTo, Neighbours } from "@/parts/walk";
import { When } from "@/parts/When";
import { NodeLink, SkuLink } from "@/stock/stock";
import { Arithmetic } from "./Arithmetic";
import { OrderThem, RejectThem, SnoozeThem } from "./Decide";
import { placeHref } from "./policies";
import { From, unitsOf, type Suggestion } from "./SuggestionList";

const one = (Dialog: typeof OrderThem) =>
  function One({ record, close }: VerbProps<Suggestion>) {
    return <Dialog ids={[record.id]} close={close} />;
  };

const VERBS: Record<string, Verb<Suggestion>> = {
  ordered: { label: "Order", icon: ShoppingCart, tone: "primary", scope: "write_purchasing", dialog: one(OrderThem) },
  snoozed: { label: "Put aside", icon: Clock, scope: "write_purchasing", dialog: one(SnoozeThem) },
  rejected: { label: "Reject", icon: Ban, scope: "write_purchasing", dialog: one(RejectThem) },
};

export function SuggestionDetail() {
  const { id = "" } = useParams();
  const asked = useQuery({
    queryKey: ["suggestions", "detail", id],
    queryFn: () => answer(api.GET("/api/v1/suggestions/{suggestion_id}", { params: { path: { suggestion_id: id } } })),
  });
  const crumbs = [{ label: "Replenishment", to: backTo("suggestions", "/replenishment") }];
  return (
    <Loaded query={asked} frame={(inside) => <Page title="Suggestion" crumbs={crumbs}>{inside}</Page>}>
      {(s) => (
        <Page
          title={`${s.kind === "buy" ? "Buy" : "Send"} ${unitsOf(s)} ${s.sku}`}
          crumbs={crumbs}
          chips={<Chip state={s.status} />}
          about={
            <>
              for <NodeLink node={s.node} /> from <From of={s} /> · looked at on {s.reviewed_on}
            </>
          }
          actions={
            <>
              <Neighbours resource="suggestions" id={s.id} href={(other) => `/replenishment/${other}`} />
              <EditButton suggestion={s} />
              <Actions record={s} next={s.next} verbs={VERBS} />
            </>
          }
        >
          <Columns main={<Arithmetic of={s} />} side={<Around of={s} />} />
        </Page>
      )}
    </Loaded>
  );
}

function Around({ of: s }: { of: Suggestion }) {
  return (
    <Card title="About">
      <Facts
        facts={[
          ["SKU", <SkuLink key="sku" sku={s.sku} />],
          ["Policy", <Link key="policy" className="link" to={placeHref(s.node, s.sku)}>{s.policy}, class {s.class_code}</Link>],
          ["Suggested", s.quantity],
          ["Chosen", s.chosen === null ? null : `${s.chosen}: ${s.chosen_why ?? ""}`],
          ["Packs", `of ${s.case_pack}, from ${s.minimum_quantity} on`],
          ["Unit cost", s.currency && <Money amount={s.unit_cost} currency={s.currency} />],
          ["At risk", s.currency && <Money amount={s.at_risk} currency={s.currency} />],
          ["Out of stock", s.out_on],
          ["Put aside", s.snoozed_until && `until ${s.snoozed_until}`],
          ["Reason", s.reason],
          ["Order", s.purchase_id && <Link key="order" className="link" to={`/purchases/${s.purchase_id}`}>its purchase order</Link>],
          ["Transfer", s.transfer_id && <Link key="transfer" className="link" to={`/transfers/${s.transfer_id}`}>its transfer</Link>],
          ["Decided", s.decided_at && <When key="decided" at={s.decided_at} />],
        ]}
      />
    </Card>
  );
}

function EditButton({ suggestion }: { suggestion: Suggestion }) {
  const [isOpen, setOpen] = useState(false);
  const can = useCan();
  if (!suggestion.next.includes("ordered") || !can("write_purchasing")) return null;
  return (
    <>
      <Button startIcon={<Pencil size={14} />} onClick={() => setOpen(true)}>
        Other quantity
      </Button>
      {isOpen && <Edit suggestion={suggestion} close={() => setOpen(false)} />}
    </>
  );
}

function Edit({ suggestion: s, close }: { suggestion: Suggestion; close: () => void }) {
  const seen = useSeen(s.version);
  const edit = useWrite(
    (body: Shape<"Edited">, once) =>
      answer(api.POST("/api/v1/suggestions/{suggestion_id}/edit", { params: { path: { suggestion_id: s.id } }, body, ...once })),
    { touches: ["suggestions"] },
  );
  return (
    <Ask<{ quantity: string; reason: string }, Shape<"Edited">>
      title="Choose another quantity"
      about={`The plan says ${s.quantity}; that is kept beside what you choose.`}
      verb="Choose it"
      values={{ quantity: String(unitsOf(s)), reason: "" }}
      input={({ quantity, reason }) => ({ quantity: Number(quantity), reason, version: seen.version })}
      write={edit}
      close={close}
      seen={seen}
      what="suggestion"
    >
      <NumberIn name="quantity" label="Units" min={1} required autoFocus />
      <TextIn name="reason" label="Why" required />
    </Ask>
  );
}
