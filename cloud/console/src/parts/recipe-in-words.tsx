import type { Recipe } from '@pomona/wire';
import {
  ceilingWords,
  colourWords,
  firstGradeWords,
  type RecipeLine,
  ruleWords,
} from '../domain/recipe-words.ts';
import { Facts } from './facts.tsx';
import styles from './recipe-in-words.module.css';

/** A recipe as sentences, in the order in which it decides, each limit with its source. */
export function RecipeInWords({ recipe }: { readonly recipe: Recipe }) {
  const rules = recipe.rules ?? [];
  return (
    <>
      {recipe.about !== undefined && <p className={styles.about}>{recipe.about}</p>}
      <Facts
        facts={[
          ['First grade', <Lines key="first" lines={firstGradeWords(recipe)} />],
          ['Ceilings', <Lines key="ceilings" lines={recipe.ceilings.map(ceilingWords)} />],
          ['Rules, the first that applies', <Lines key="rules" lines={rules.map(ruleWords)} isOrdered />],
          ['Colours', <Lines key="colours" lines={colourWords(recipe)} />],
          [
            'Left to people',
            <Lines
              key="unseen"
              lines={(recipe.notSeen ?? []).map(({ what, source }) => ({ text: what, source }))}
            />,
          ],
          ['Gates', recipe.gates.map(({ grade, gate }) => `${grade} to ${gate}`).join(', ')],
        ]}
      />
    </>
  );
}

function Lines({
  lines,
  isOrdered = false,
}: {
  readonly lines: readonly RecipeLine[];
  readonly isOrdered?: boolean;
}) {
  if (lines.length === 0) return <>none</>;
  const List = isOrdered ? 'ol' : 'ul';
  return (
    <List className={styles.lines}>
      {lines.map(({ text, source }) => (
        <li key={text}>
          {text}
          {source !== undefined && <span className={styles.source}>{source}</span>}
        </li>
      ))}
    </List>
  );
}
