/** Items shown of a list that may be long: enough to know it by. */
const maxItems = 3;

/** The first items of a list as a message shows them, and how many more there are: `a, b, c and 4 more`. */
export function describeFew<Item>(items: readonly Item[], describe: (item: Item) => string): string {
  const shown = items.slice(0, maxItems).map(describe).join(", ");
  return items.length > maxItems ? `${shown} and ${items.length - maxItems} more` : shown;
}
