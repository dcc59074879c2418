import { asWrong, keptScans, type Receiving } from "./dock";
import type { Kept } from "./kept";
import { Reasons } from "./Reasons";
import { UnknownCode } from "./Unknown";

const OVER = ["we take them: they sell", "instead of damaged units", "agreed with the supplier"];

/** A scan that the server has refused: somebody decides, and the others go on meanwhile. */
export function Refused({ one, lines, reasons }: { one: Kept; lines: Receiving["lines"]; reasons: readonly string[] }) {
  const why = one.refused;
  const drop = () => void keptScans.drop(one.scan);
  const back = { back: drop, backLabel: "drop this scan: nothing of it is booked" };
  if (why?.code === "more_than_ordered")
    return (
      <Reasons
        label="More than was ordered"
        question={`${one.quantity} × ${one.title}: ${why.message} Take them all the same?`}
        reasons={OVER}
        choose={(reason) => void keptScans.mend(one.scan, { accept_over: reason, refused: undefined })}
        {...back}
      />
    );
  if (why?.code === "not_on_this_order")
    return (
      <Reasons
        label="Wrong item"
        question={`${why.message} What is it?`}
        reasons={reasons}
        choose={(reason) =>
          void keptScans.mend(one.scan, { ...asWrong(why.details), reason, refused: undefined })
        }
        {...back}
      />
    );
  // Whoever kept the scan without a network still has the goods in hand; one that needs its lot is scanned again.
  if (why?.code === "unknown_barcode")
    return (
      <UnknownCode
        code={one.code ?? one.title}
        lines={lines.filter((line) => line.tracking === "none")}
        isLine={(line) => void keptScans.mend(one.scan, { code: null, title: line.title, line_no: line.line_no, refused: undefined })}
        givesBarcode={null}
        search={null}
        {...back}
      />
    );
  if (why?.code === "notice_over")
    return (
      <Reasons
        label="The notice is over"
        question={`${one.quantity} × ${one.title}: ${why.message}`}
        reasons={["book it without the notice"]}
        choose={() => void keptScans.mend(one.scan, { notice: null, refused: undefined })}
        {...back}
      />
    );
  return (
    <Reasons
      label="A scan was refused"
      question={`${one.quantity} × ${one.title}: ${why?.message ?? ""}`}
      reasons={["try it again"]}
      choose={() => void keptScans.mend(one.scan, { refused: undefined })}
      {...back}
    />
  );
}
