// Builds one image and says where it is: node --conditions=@bootstamp/source src/main.ts NAME [OPTIONS AS JSON]
import { buildImage, recipes, type RecipeName } from "./recipes.ts";

const [name = "", options = "{}"] = process.argv.slice(2);
if (isRecipe(name)) {
  console.log(JSON.stringify(await buildImage(name, JSON.parse(options)), undefined, 2));
} else {
  const lines = Object.entries(recipes).map(([each, { summary }]) => `  ${each}: ${summary}`);
  console.error(`usage: main.ts NAME [OPTIONS AS JSON]\n${lines.join("\n")}`);
  process.exitCode = 2;
}

function isRecipe(word: string): word is RecipeName {
  return Object.hasOwn(recipes, word);
}
