// SPDX-License-Identifier: MIT
// The JSON schema that stands in a program as text, an object literal or JSON:  node tools/schema_in.js FILE ID
"use strict";
const fs = require("fs");
const vm = require("vm");

const [file, id] = process.argv.slice(2);
const text = fs.readFileSync(file, "latin1");

// Where the object that begins at `from` ends, or -1.
function end(from) {
	let depth = 0;
	let quote = "";
	for (let i = from; i < text.length; i++) {
		const c = text[i];
		if (quote !== "") {
			if (c === "\\")
				i++;
			else if (c === quote)
				quote = "";
		} else if (c === '"' || c === "'" || c === "`") {
			quote = c;
		} else if (c === "{") {
			depth++;
		} else if (c === "}" && --depth === 0) {
			return i + 1;
		}
	}
	return -1;
}

// $id is among its first keys, behind $schema or a comment
const at = text.search(new RegExp(`"?\\$id"?:\\s*"${id.replace(/[.]/g, "\\$&")}"`));
const from = text.lastIndexOf("{", at);
const to = at < 0 || from < 0 ? -1 : end(from);
if (to < 0) {
	console.error(`${file}: no schema ${id}`);
	process.exit(1);
}
const utf8 = Buffer.from(text.slice(from, to), "latin1").toString("utf8");
const schema = vm.runInNewContext(`(${utf8})`, {}, { timeout: 10000 });
if (schema.$id !== id)
	throw new Error(`${file}: another schema than ${id}`);
process.stdout.write(JSON.stringify(schema));
