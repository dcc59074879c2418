import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { words } from "@/parts/Chip";
import { Card, Facts } from "@/parts/Page";
import { Loaded } from "@/parts/states";
import { zone } from "@/parts/When";
import { matrixOf } from "@/people/matrix";

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
              ["You may", <May key="scopes" scopes={scopes} />],
            ]}
          />
        )}
      </Loaded>
    </Card>
  );
}

/** Noun by noun: `Orders read, write`. */
function May({ scopes }: { scopes: string[] }) {
  const { nouns, verbs } = matrixOf(scopes);
  const has = new Set(scopes);
  return (
    <ul className="may">
      {nouns.map((noun) => (
        <li key={noun}>
          {words(noun)} <span className="faint">{verbs.filter((verb) => has.has(`${verb}_${noun}`)).join(", ")}</span>
        </li>
      ))}
    </ul>
  );
}
