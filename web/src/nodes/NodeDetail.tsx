import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { answer, api } from "@/api/client";
import { AddressText, type Address } from "@/parts/AddressText";
import { Chip, words } from "@/parts/Chip";
import { listHref } from "@/parts/links";
import { Card, Columns, Facts, Page } from "@/parts/Page";
import { Rows } from "@/parts/Rows";
import { useCan } from "@/parts/scopes";
import { Empty, Loaded } from "@/parts/states";
import { backTo, Neighbours } from "@/parts/walk";
import { Docks } from "./Docks";
import { EditBinButton, NewBinButton } from "./PutBin";
import { EditNodeButton } from "./PutNode";
import { PutZoneButton } from "./PutZone";

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

export function NodeDetail() {
  const { code = "" } = useParams();
  const may = useCan()("write_orders");
  const asked = useQuery({
    queryKey: ["nodes", "detail", code],
    queryFn: () => answer(api.GET("/api/v1/nodes/{node}", { params: { path: { node: code } } })),
  });
  const crumbs = [{ label: "Nodes and bins", to: backTo("nodes", "/nodes") }];
  return (
    <Loaded query={asked} frame={(inside) => <Page title={code} crumbs={crumbs}>{inside}</Page>}>
      {(node) => (
        <Page
          title={`${node.code} · ${node.name}`}
          crumbs={crumbs}
          chips={<Chip state={node.kind} tone="mute" />}
          about={
            <span className="row wrap link">
              <Link to={listHref("list_stock", { node_eq: node.code })}>Its stock</Link>
              <Link to={listHref("list_orders", { node_eq: node.code, status_in: ["released", "held", "partly_shipped"] })}>Its orders</Link>
              <Link to={listHref("list_fulfilments", { node_eq: node.code })}>Its fulfilments</Link>
              <Link to={listHref("list_boxes", { node_eq: node.code })}>Its boxes</Link>
              {may && <Link to={`/routing/drill/${node.code}`}>What if it shipped no more</Link>}
            </span>
          }
          actions={
            <>
              <Neighbours resource="nodes" id={node.code} href={(other) => `/nodes/${other}`} />
              <EditNodeButton node={node} />
            </>
          }
        >
          <Columns
            main={
              <Card title="Bins, in the order of the walk" count={node.bins.length} flush action={<NewBinButton node={node} />}>
                <Rows
                  rows={node.bins}
                  keyOf={(bin) => bin.code}
                  columns={[
                    { id: "code", label: "Bin", render: (b) => <Link className="mono strong" to={listHref("list_bin_stock", { node_eq: node.code, bin_eq: b.code })}>{b.code}</Link> },
                    { id: "type", label: "Type", grow: true, render: (b) => words(b.type) },
                    { id: "zone", label: "Zone", render: (b) => b.zone ?? <span className="faint">–</span> },
                    { id: "active", label: "", render: (b) => !b.active && <Chip state="inactive" /> },
                    { id: "capacity_units", label: "Capacity", align: "right", render: (b) => b.capacity_units?.toLocaleString("en-GB") ?? <span className="faint">–</span> },
                    { id: "sequence", label: "Place", align: "right", render: (b) => b.sequence },
                    { id: "verbs", label: "", align: "right", render: (b) => <EditBinButton node={node} bin={b} /> },
                  ]}
                />
              </Card>
            }
            side={
              <>
                <Card title="When and how">
                  <Facts
                    facts={[
                      ["Cut-off", `${node.cut_off.slice(0, 5)} ${node.time_zone}`],
                      ["Open on", ((node.open_weekdays ?? []) as number[]).map((day) => DAYS[day]).join(" ")],
                      ["Closed on", ((node.closed_dates ?? []) as string[]).join(", ")],
                      ["Ships orders", node.ships ? "yes" : "no"],
                      ["Rank", node.rank],
                    ]}
                  />
                </Card>
                <Docks node={node.code} />
                <Card title="Address">
                  <AddressText address={node.address as Address} />
                </Card>
                <Card title="Zones" count={node.zones.length} action={<PutZoneButton node={node.code} />} flush={node.zones.length > 0}>
                  {node.zones.length === 0 ? (
                    <Empty title="No zones">A zone groups bins that are walked together.</Empty>
                  ) : (
                    <Rows
                      rows={node.zones}
                      keyOf={(zone) => zone.code}
                      columns={[
                        { id: "code", label: "Zone", render: (z) => <span className="mono">{z.code}</span> },
                        { id: "name", label: "Name", grow: true, render: (z) => z.name },
                        { id: "verbs", label: "", align: "right", render: (z) => <PutZoneButton node={node.code} zone={z} /> },
                      ]}
                    />
                  )}
                </Card>
              </>
            }
          />
        </Page>
      )}
    </Loaded>
  );
}
