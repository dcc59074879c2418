import { useNotify } from "ra-core";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import type { VerbProps } from "@/parts/Actions";
import { Ask } from "@/parts/Ask";
import { TextIn } from "@/parts/fields";
import { useSeen } from "@/parts/seen";
import type { StockLot } from "./lot";
import { TOUCHES } from "./stock";

export function CorrectLot({ record: lot, close }: VerbProps<StockLot>) {
  const notify = useNotify();
  const seen = useSeen(lot.version);
  const correct = useWrite(
    (body: Shape<"LotCorrection">, once) => answer(api.POST("/api/v1/lots/{lot_id}/correct", { params: { path: { lot_id: lot.id } }, body, ...once })),
    { touches: ["lots"], done: ({ expires_on }) => notify(expires_on ? `${lot.code} can be used until ${expires_on}.` : `Nobody knows when ${lot.code} expires.`) },
  );
  return (
    <Ask<{ expires_on: string; reason: string }, Shape<"LotCorrection">>
      title={`The last day of use of ${lot.code}`}
      about="It holds for all units of the lot, wherever they lie. A day that is over is refused while units are in sale: take the lot out of sale first."
      verb="Correct it"
      values={{ expires_on: lot.expires_on ?? "", reason: "" }}
      input={({ expires_on, reason }) => ({ expires_on: expires_on || null, reason, version: seen.version })}
      write={correct}
      close={close}
      seen={seen}
      what="lot"
    >
      <TextIn name="expires_on" label="Last day of use" type="date" help="Empty: nobody knows it" autoFocus />
      <TextIn name="reason" label="Why" required />
    </Ask>
  );
}

function takenOut({ moved, short, packed }: Shape<"LotTakenOut">): string {
  const parts = [`${moved} units are in quarantine now, where they lie.`];
  if (short > 0) parts.push(`${short} had been promised to orders, which wait for others.`);
  if (packed > 0) parts.push(`${packed} stand packed: stop those parcels by hand.`);
  return parts.join(" ");
}

export function TakeLotOut({ record: lot, close }: VerbProps<StockLot>) {
  const notify = useNotify();
  const seen = useSeen(lot.version);
  const take = useWrite(
    (body: Shape<"LotOutOfSale">, once) => answer(api.POST("/api/v1/lots/{lot_id}/take-out", { params: { path: { lot_id: lot.id } }, body, ...once })),
    { touches: ["lots", ...TOUCHES], done: (out) => notify(takenOut(out)) },
  );
  return (
    <Ask<{ reason: string }, Shape<"LotOutOfSale">>
      title={`Take ${lot.code} out of sale`}
      about={`${lot.sellable} units of ${lot.sku} go to quarantine at all nodes, in the bins where they lie. Orders that were promised them wait for others, and nobody is sent to pick them.`}
      verb="Take it out of sale"
      tone="error"
      values={{ reason: "" }}
      input={({ reason }) => ({ reason, version: seen.version })}
      write={take}
      close={close}
      seen={seen}
      what="lot"
    >
      <TextIn name="reason" label="Why" required autoFocus />
    </Ask>
  );
}
