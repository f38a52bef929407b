import type { Statement, VariableDeclarator } from '@swc/core'
import { Visitor } from '@swc/core/Visitor.js'

/** What the parser makes of `using x = …` and `await using x = …`; its types do not know it. */
interface UsingDeclaration {
  readonly type: 'UsingDeclaration'
  decls: VariableDeclarator[]
}

/**
 * dependency-cruiser walks TypeScript with the visitor of @swc/core, which stops at `using` declarations as an unknown
 * kind of statement. This teaches it to walk through them.
 */
export function walkUsingDeclarations(): void {
  const { visitStatement } = Visitor.prototype
  Visitor.prototype.visitStatement = function (statement: Statement | UsingDeclaration) {
    if (statement.type !== 'UsingDeclaration') return visitStatement.call(this, statement)
    statement.decls = this.visitVariableDeclarators(statement.decls)
    return statement as unknown as Statement
  }
}
