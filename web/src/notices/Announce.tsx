import Button from "@mui/material/Button";
import { PackagePlus, Plus, X } from "lucide-react";
import { useState } from "react";
import { useFieldArray, useFormContext, useWatch } from "react-hook-form";
import { useNavigate } from "react-router";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { NumberIn, TextIn } from "@/parts/fields";
import { useCan } from "@/parts/scopes";
import type { Purchase } from "@/purchases/PurchaseList";
import { emptyPackage, noticeBody, noticeValues, unannounced, type NoticeValues } from "./form";
import { noticeHref, TOUCHES } from "./notice";

export function AnnounceButton({ purchase }: { purchase: Purchase }) {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_purchasing")) return null;
  return (
    <>
      <Button startIcon={<Plus size={14} />} onClick={() => setOpen(true)}>
        Announce
      </Button>
      {isOpen && <Announce purchase={purchase} close={() => setOpen(false)} />}
    </>
  );
}

/** What the supplier has written that it sends, in the order of the order's lines. */
function Announce({ purchase: p, close }: { purchase: Purchase; close: () => void }) {
  const navigate = useNavigate();
  const announce = useWrite(
    (body: Shape<"NewAdvanceNotice">, once) => answer(api.POST("/api/v1/advance-notices", { body, ...once })),
    { touches: TOUCHES, done: ({ id }) => void navigate(noticeHref(id)) },
  );
  return (
    <Ask<NoticeValues, Shape<"NewAdvanceNotice">>
      title={`${p.supplier} announces goods of ${p.number}`}
      about={`As the supplier writes it. They go to ${p.node}; when to reckon with them is learned from how it kept its dates before.`}
      verb="Write it down"
      width="md"
      values={noticeValues(p)}
      input={(values) => noticeBody(values, p)}
      write={announce}
      close={close}
    >
      <div className="form-grid">
        <TextIn name="reference" label="Their number" required autoFocus mono />
        <TextIn name="day" label="Comes on" type="date" help="Empty: they did not say" />
        <TextIn name="carrier" label="Carrier" />
        <TextIn name="tracking" label="Tracking" mono />
      </div>
      {p.lines.map((l) => (
        <fieldset key={l.line_no} className="form-grid" aria-label={l.sku}>
          <div>
            <span className="strong mono">{l.sku}</span>
            <p className="faint small">
              {unannounced(l)} of {l.ordered} to come{l.announced > 0 && `, ${l.announced} more announced already`}
            </p>
          </div>
          <NumberIn name={`lines.l${l.line_no}.units`} label="Announced units" min={0} />
          <TextIn name={`lines.l${l.line_no}.lot`} label="Lot" mono />
          <TextIn name={`lines.l${l.line_no}.expiry`} label="Expires" help="As they write it" />
        </fieldset>
      ))}
      <Packages purchase={p} />
      <TextIn name="packages" label="Packages of which nobody says what is in them" rows={2} mono help="The SSCC of each pallet or carton, one a line: 18 digits" />
      <TextIn name="note" label="Note" />
    </Ask>
  );
}

/** Pallets and cartons with what is in each, so that one scan of its number receives it. */
function Packages({ purchase: p }: { purchase: Purchase }) {
  const { control } = useFormContext<NoticeValues>();
  const { fields, append, remove } = useFieldArray({ control, name: "packed" });
  const lines = useWatch({ control, name: "lines" });
  const announced = p.lines.filter((l) => Number(lines[`l${l.line_no}`]?.units) > 0);
  return (
    <>
      {fields.map((field, at) => (
        <fieldset key={field.id} className="form-grid" aria-label={`Package ${at + 1}`}>
          <div className="row">
            <TextIn name={`packed.${at}.sscc`} label="SSCC" mono autoFocus />
            <Button aria-label={`Leave package ${at + 1} out`} onClick={() => remove(at)}>
              <X size={14} />
            </Button>
          </div>
          {announced.map((l) => <NumberIn key={l.line_no} name={`packed.${at}.inside.l${l.line_no}`} label={`${l.sku} in it`} min={0} />)}
        </fieldset>
      ))}
      <div>
        <Button startIcon={<PackagePlus size={14} />} onClick={() => append(emptyPackage(p))}>
          Add a package and what is in it
        </Button>
      </div>
    </>
  );
}
