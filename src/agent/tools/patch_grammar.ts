// The language of `apply_patch` for the model: a grammar that the provider holds it to, and a description for models
// that only have a shell. Both must accept what workspace/patch_parse reads.

export const PATCH_GRAMMAR = String.raw`start: open section+ close
open: "*** Begin Patch" NL
close: "*** End Patch" NL?

section: added | removed | changed
added: "*** Add File: " NAME NL new_line+
removed: "*** Delete File: " NAME NL
changed: "*** Update File: " NAME NL renamed? hunk*
renamed: "*** Move to: " NAME NL

hunk: anchor? line+ file_end?
anchor: ("@@" | "@@ " NAME) NL
line: (" " | "+" | "-") REST NL
new_line: "+" REST NL
file_end: "*** End of File" NL

NAME: /(.+)/
REST: /(.*)/

%import common.LF -> NL
`;

export const PATCH_BY_SHELL = `To edit files, run the command \`apply_patch\` with a patch on its input:

apply_patch <<'EOF'
*** Begin Patch
*** Update File: src/app.ts
@@ function main()
 unchanged line before
-line to remove
+line to put in its place
 unchanged line after
*** Add File: src/new.ts
+first line of the new file
*** Delete File: src/old.ts
*** End Patch
EOF

Paths are relative to the working directory. Give about three unchanged lines around each change; where they are not \
unique, name the enclosing function or class after \`@@\`. \`*** Move to: new/path\` right after an update header \
renames the file. The command must be nothing but this.`;
