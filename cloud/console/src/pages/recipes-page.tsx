import { Button } from '@mantine/core';
import type { StationView } from '@pomona/wire';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { overviewQuery, stationRecipeQuery } from '../data/queries.ts';
import { none } from '../domain/format.ts';
import { recipeName } from '../domain/recipe-words.ts';
import { Answer } from '../parts/answer.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Panel } from '../parts/panel.tsx';
import { RecipeInWords } from '../parts/recipe-in-words.tsx';
import { ReleaseName } from '../parts/release-name.tsx';
import table from '../parts/table.module.css';
import { Page } from './page.tsx';
import { RecipeTrial } from './recipe-trial.tsx';

/** By which recipe each station grades, what it says, and what another would have changed. */
export function RecipesPage() {
  const overview = useQuery(overviewQuery);
  return (
    <Page title="Recipes" note="how what the cameras saw becomes a grade and a gate">
      <Answer query={overview} height={420}>
        {({ stations }) => (
          <Recipes stations={stations.filter(({ desired }) => desired?.recipe !== undefined)} />
        )}
      </Answer>
    </Page>
  );
}

function Recipes({ stations }: { readonly stations: readonly StationView[] }) {
  const [chosen, setChosen] = useState<string>();
  const shown = stations.find(({ station }) => station === chosen) ?? stations[0];
  const recipe = useQuery(stationRecipeQuery(shown?.station, shown?.desired?.counter));
  return (
    <>
      <Panel title="In force" note="choose a station to read its recipe">
        {stations.length === 0 ? (
          <p>No station was told what to run yet.</p>
        ) : (
          <InForce stations={stations} shown={shown?.station} onChoose={setChosen} />
        )}
      </Panel>
      {shown !== undefined && (
        <Answer query={recipe} height={240}>
          {(document) => (
            <Panel title={`What ${recipeName(document)} says`} note={`by which ${shown.station} grades`}>
              <RecipeInWords recipe={document} />
            </Panel>
          )}
        </Answer>
      )}
      <RecipeTrial inForce={recipe.data} />
    </>
  );
}

interface InForceProps {
  readonly stations: readonly StationView[];
  readonly shown: string | undefined;
  readonly onChoose: (station: string) => void;
}

function InForce({ stations, shown, onChoose }: InForceProps) {
  return (
    <DataTable>
      <thead>
        <tr>
          <th scope="col">Station</th>
          <th scope="col">Release</th>
          <th scope="col">Recipe</th>
          <th scope="col">Grades by</th>
        </tr>
      </thead>
      <tbody>
        {stations.map(({ station, site, line, desired, reported }) => (
          <tr key={station} aria-current={station === shown ? 'true' : undefined}>
            <th scope="row">
              <Link to="/stations/$station" params={{ station }}>
                {station}
              </Link>
              <span className={table.soft}>
                {' '}
                {site}, {line}
              </span>
            </th>
            <td>
              <ReleaseName release={desired?.release ?? null} />
            </td>
            <td>
              <Button
                size="compact-sm"
                variant={station === shown ? 'light' : 'subtle'}
                aria-pressed={station === shown}
                aria-label={`Read the recipe of ${station}`}
                onClick={() => onChoose(station)}
              >
                {desired?.recipe === undefined ? none : recipeName(desired.recipe)}
              </Button>
            </td>
            <td>
              <Reported wanted={desired?.recipe?.version} reported={reported?.recipeVersion ?? null} />
            </td>
          </tr>
        ))}
      </tbody>
    </DataTable>
  );
}

function Reported({
  wanted,
  reported,
}: {
  readonly wanted: number | undefined;
  readonly reported: number | null;
}) {
  if (reported === null) return <>not heard yet</>;
  if (reported === wanted) return <>v{reported}, as it should</>;
  return <span className={table.warn}>v{reported} still</span>;
}
