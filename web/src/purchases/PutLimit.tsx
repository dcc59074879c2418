import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useNotify } from "ra-core";
import { useState } from "react";
import { useWatch } from "react-hook-form";
import { answer, api, type Shape } from "@/api/client";
import { useWrite } from "@/api/write";
import { Ask } from "@/parts/Ask";
import { MoneyIn, SelectIn, TextIn } from "@/parts/fields";
import { decimal, minorUnits, moneyText } from "@/parts/Money";
import { useCan } from "@/parts/scopes";
import { useSeen } from "@/parts/seen";

export type Limit = Shape<"ApprovalLimit">;
type Values = { role: string; currency: string; amount: string };
type Input = { role: string; currency: string; body: Shape<"LimitBody"> };

const codeOf = (currency: string) => currency.trim().toUpperCase();

function usePut(done: (input: Input) => string) {
  const notify = useNotify();
  return useWrite(
    ({ role, currency, body }: Input, once) =>
      answer(api.PUT("/api/v1/approval-limits/{role}/{currency}", { params: { path: { role, currency } }, body, ...once })),
    { touches: ["approval-limits"], done: (_, input) => notify(done(input)) },
  );
}

export function LimitButton() {
  const [isOpen, setOpen] = useState(false);
  if (!useCan()("write_settings")) return null;
  return (
    <>
      <Button variant="contained" color="primary" startIcon={<Plus size={14} />} onClick={() => setOpen(true)}>
        New limit
      </Button>
      {isOpen && <PutLimit close={() => setOpen(false)} />}
    </>
  );
}

export function PutLimit({ limit, close }: { limit?: Limit; close: () => void }) {
  const seen = useSeen(limit?.version ?? 0);
  const put = usePut(({ role, currency, body }) => `${role} approves up to ${moneyText(body.amount ?? 0, currency)}.`);
  return (
    <Ask<Values, Input>
      title={limit ? `Limit of ${limit.role} in ${limit.currency}` : "New approval limit"}
      about={limit ? "Orders that are approved already stay so." : "For everybody of a role, in one currency. A limit that is there already for both is replaced."}
      verb="Save"
      values={{ role: limit?.role ?? "", currency: limit?.currency ?? "EUR", amount: limit ? decimal(limit.amount, limit.currency) : "" }}
      input={({ role, currency, amount }) => {
        const minor = minorUnits(amount, codeOf(currency));
        return minor === null ? null : { role: role.trim(), currency: codeOf(currency), body: { amount: minor, version: limit ? seen.version : null } };
      }}
      write={put}
      close={close}
      seen={limit ? seen : undefined}
      what="limit"
    >
      {!limit && (
        <div className="form-grid">
          <RoleIn />
          <TextIn name="currency" label="Currency" required placeholder="EUR" />
        </div>
      )}
      <AmountIn autoFocus={Boolean(limit)} />
    </Ask>
  );
}

function AmountIn({ autoFocus }: { autoFocus: boolean }) {
  const currency = codeOf(useWatch<Values, "currency">({ name: "currency" }));
  return <MoneyIn name="amount" label="Approves up to" currency={currency} required autoFocus={autoFocus} help="The total of an order with its charges" />;
}

/** The roles that need a limit, for those who may read them; anybody else types its name. */
function RoleIn() {
  const mayRead = useCan()("read_people");
  const roles = useQuery({
    queryKey: ["roles", "all"],
    enabled: mayRead,
    queryFn: async () => (await answer(api.GET("/api/v1/roles", { params: { query: { limit: 200 } } }))).data,
  });
  if (!mayRead) return <TextIn name="role" label="Role" required autoFocus />;
  return <SelectIn name="role" label="Role" required autoFocus choices={(roles.data ?? []).filter((r) => !r.locked).map((r) => ({ value: r.name, label: r.name }))} />;
}

export function RemoveLimit({ limit: { role, currency, amount, version }, close }: { limit: Limit; close: () => void }) {
  const remove = usePut(() => `${role} approves nothing in ${currency} any more.`);
  return (
    <Ask<object, Input>
      title={`Remove the limit of ${role} in ${currency}`}
      about={`It approves up to ${moneyText(amount, currency)} now, and nothing in ${currency} afterwards. Orders that are approved already stay so.`}
      verb="Remove it"
      tone="error"
      values={{}}
      input={() => ({ role, currency, body: { amount: null, version } })}
      write={remove}
      close={close}
    />
  );
}
