import { Composer, Lexer, Parser } from "yaml";
import type { CST, Document } from "yaml";
import type { Complaints } from "./complaints.ts";
import { readTree } from "./read-tree.ts";
import type { YamlTree } from "./tree.ts";

/** Lists and mappings within each other, each counted twice at most: recipes need 6. */
const maxOpenNodes = 64;

/** Words, signs and line breaks of a recipe. Layers of 200 slices have 10,000; reading this many takes half a second. */
const maxLexemes = 50_000;

/** Merges in one file. */
const maxDocuments = 100;

/** Syntax errors that are told: most of them follow from the first. */
const maxErrors = 5;

/**
 * The documents of a YAML text that are not empty. Values stay texts, so nothing depends on the version of YAML; tags
 * and merge keys are refused. Made for texts written to do harm: size, depth and what aliases stand for are limited.
 * @returns an empty list when there was something to complain of.
 */
export function parseYaml(text: string, complaints: Complaints): readonly YamlTree[] {
  const tokens = readTokens(text, complaints);
  if (tokens === undefined) return [];
  const documents = [...new Composer({ schema: "failsafe", uniqueKeys: false }).compose(tokens)];
  if (hasErrors(documents, complaints)) return [];
  const trees = documents.map((document) => readTree(document, complaints));
  return complaints.problems.length > 0 ? [] : trees.filter((tree) => tree !== undefined);
}

/** The text's tokens, or undefined when there are too many: composing deep ones would overflow the stack. */
function readTokens(text: string, complaints: Complaints): readonly CST.Token[] | undefined {
  const tooMuch = (offset: number, limit: string): undefined => {
    const message = `there are more than ${limit}, which is no recipe`;
    complaints.refuse({ offset }, { code: "request/unreadable-config", message });
  };
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let lexemes = 0;
  let documents = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) {
      tokens.push(token);
      if (token.type === "document" && ++documents > maxDocuments)
        return tooMuch(token.offset, `${maxDocuments} documents`);
    }
    if (++lexemes > maxLexemes) return tooMuch(parser.offset, `${maxLexemes} words and signs`);
    if (parser.stack.length > maxOpenNodes)
      return tooMuch(parser.offset, `${maxOpenNodes / 2} lists and mappings within each other`);
  }
  return [...tokens, ...parser.end()];
}

function hasErrors(documents: readonly Document.Parsed[], complaints: Complaints): boolean {
  const errors = documents.flatMap((document) => document.errors);
  for (const { message, pos } of errors.slice(0, maxErrors)) {
    const code = "request/unreadable-config";
    complaints.refuse({ offset: pos[0] }, { code, message: `is not YAML: ${lowerFirst(message)}` });
  }
  return errors.length > 0;
}

function lowerFirst(message: string): string {
  return message.slice(0, 1).toLowerCase() + message.slice(1).replace(/\.$/, "");
}
