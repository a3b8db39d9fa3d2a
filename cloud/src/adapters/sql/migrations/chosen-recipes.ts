import { defaultRecipe, worstHalf } from '@pomona/grading';
import type { Kysely } from '@pomona/kysely';
import { canonicalJson } from '@pomona/release';
import type { Desired, Recipe } from '@pomona/wire';
import type { Tables } from '../tables.ts';

/**
 * From here on `own_recipe` is what somebody chose, also where it is the one of the desired state, and null where nobody did. Of
 * states from before nobody wrote that down: whatever is none of the defaults was chosen.
 */
export async function keepChosenRecipes(db: Kysely<Tables>): Promise<void> {
  const rows = await db.selectFrom('desired').select(['station_id', 'body', 'own_recipe']).execute();
  for (const { station_id, body, own_recipe } of rows) {
    const recipe =
      own_recipe === null ? (JSON.parse(body) as Desired).recipe : (JSON.parse(own_recipe) as Recipe);
    await db
      .updateTable('desired')
      .set({ own_recipe: isDefault(recipe) ? null : JSON.stringify(recipe) })
      .where('station_id', '=', station_id)
      .execute();
  }
}

function isDefault(recipe: Recipe): boolean {
  const labels = recipe.gates.map(({ grade }) => grade);
  return [undefined, worstHalf].some(
    (fusion) => canonicalJson(defaultRecipe(labels, recipe.version, fusion)) === canonicalJson(recipe),
  );
}
