import Button from "@mui/material/Button";
import { useQueryClient } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { ProblemNote } from "@/parts/states";
import { Ago } from "@/parts/When";

type Answer = Shape<"CarrierAnswer">;

/** What carriers that are asked over a network said of a parcel, and when; those that said nothing say why. */
export function CarrierAnswers({ parcel, carriers }: { parcel: string; carriers: Answer[] }) {
  const queries = useQueryClient();
  const ask = useWrite((_: object, once) => answer(api.POST("/api/v1/parcels/{parcel_id}/offers", { params: { path: { parcel_id: parcel } }, ...once })), {
    done: () => void queries.invalidateQueries({ queryKey: ["parcels", "offers", parcel] }),
  });
  if (carriers.length === 0) return null;
  return (
    <div className="stack tight">
      {carriers.map((one) => (
        <Said key={one.account} one={one} />
      ))}
      <div>
        <Button startIcon={<RefreshCw size={14} />} loading={ask.isPending} onClick={() => ask.mutate({})}>
          Ask carriers again
        </Button>
      </div>
      <ProblemNote problem={ask.error} />
    </div>
  );
}

export function Said({ one }: { one: Answer }) {
  if (one.state === "asking") return <p role="status" className="quiet">{one.name} is being asked.</p>;
  if (one.state === "not_asked") return <p className="quiet">{one.name} was not asked for this parcel yet.</p>;
  return (
    <p className="quiet" role="status">
      {one.state === "answered" ? `${one.name}: ${one.rates} offers` : one.message}
      {one.state === "answered" && one.message ? `; ${one.message}` : ""}{" "}
      <span className="faint">
        asked <Ago at={one.asked_at} />
      </span>
    </p>
  );
}
