import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { Card, Facts } from "@/parts/Page";
import { Loaded } from "@/parts/states";
import { zone } from "@/parts/When";

export function Who() {
  const me = useQuery({ queryKey: ["me"], queryFn: () => answer(api.GET("/api/v1/me")) });
  return (
    <Card title="You">
      <Loaded query={me}>
        {({ name, role, scopes }) => (
          <Facts
            facts={[
              ["Name", name],
              ["Role", role],
              ["Times in", zone],
              ["You may", <span key="scopes" className="scopes">{scopes.map((scope) => <code key={scope}>{scope}</code>)}</span>],
            ]}
          />
        )}
      </Loaded>
    </Card>
  );
}
