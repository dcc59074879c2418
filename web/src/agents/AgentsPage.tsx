import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { Count } from "@/parts/Count";
import { listHref } from "@/parts/links";
import { Card, Facts, Page } from "@/parts/Page";
import { Siblings } from "@/parts/Siblings";
import { Loaded } from "@/parts/states";
import { When } from "@/parts/When";
import { SIBLINGS } from "./siblings";

const LATE_SECONDS = 5;

/** How every agent is doing, and the ways to what is stuck. */
export function AgentsPage() {
  const asked = useQuery({
    queryKey: ["agents"],
    queryFn: () => answer(api.GET("/api/v1/runtime/agents")),
    refetchInterval: 3000,
  });
  return (
    <Page fill title="Agents" about="Each does the work of one noun, grows with its backlog, and may be killed at any moment.">
      <Siblings of={SIBLINGS} title="Agents" />
      <div className="fill-body" role="region" aria-label="How agents are doing" tabIndex={0}>
        <Loaded query={asked} lines={8}>
          {({ data, unrelayed, coordinator_epoch, coordinator_since, dashboard_url }) => (
            <div className="stack">
              <Card flush>
                <table className="table plain">
                  <thead>
                    <tr>
                      <th>Agent</th>
                      <th className="number">Replicas</th>
                      <th className="number">Backlog</th>
                      <th className="number">Retrying</th>
                      <th className="number">Lag</th>
                      <th className="number">Dead letters</th>
                    </tr>
                  </thead>
                  <tbody>
                    {data.map((agent) => (
                      <tr key={agent.agent}>
                        <td>
                          <span className="strong">{agent.agent}</span>
                          {agent.replicas === 0 && agent.minimum === 0 && <span className="unit">asleep</span>}
                        </td>
                        <td className="number" title={`Between ${agent.minimum} and ${agent.maximum}`}>
                          {agent.replicas} <span className="unit">of {agent.maximum}</span>
                        </td>
                        <td className="number">{agent.backlog.toLocaleString("en-GB")}</td>
                        <td className="number" data-tone={agent.retrying > 0 ? "warn" : undefined}>{agent.retrying}</td>
                        <td className="number" data-tone={agent.lag_seconds > LATE_SECONDS ? "warn" : undefined}>
                          {agent.lag_seconds.toFixed(1)}<span className="unit">s</span>
                        </td>
                        <td className="number" data-tone={agent.dead > 0 ? "bad" : undefined}>
                          <Count value={agent.dead} to={listHref("list_dead_letters", { agent_eq: agent.agent })} label={`dead letters of ${agent.agent}`} />
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </Card>
              <Card title="Coordinator">
                <Facts
                  facts={[
                    ["Waiting", `${unrelayed.toLocaleString("en-GB")} messages are not handed on yet`],
                    ["In office", coordinator_since ? <When key="since" at={coordinator_since} /> : "nobody"],
                    ["Replaced", coordinator_epoch === null ? null : `${coordinator_epoch - 1} times`],
                    ["Ray", dashboard_url ? <a key="ray" className="link" href={dashboard_url} target="_blank" rel="noreferrer">Dashboard</a> : null],
                  ]}
                />
              </Card>
            </div>
          )}
        </Loaded>
      </div>
    </Page>
  );
}
