/* SPDX-License-Identifier: MIT */
/*
 * cc: -lsqlite3
 * pkg-config: sqlite3
 * run: bin/sqlite3 --version
 * run: test "$(bin/sqlite3 :memory: 'select 6 * 7')" = 42
 */
#include <sqlite3.h>
#include <stdio.h>

int main(void)
{
	sqlite3 *db;
	sqlite3_stmt *stmt;

	if (sqlite3_open(":memory:", &db) ||
	    sqlite3_exec(db, "create table t(n); insert into t values (40), (2)", NULL, NULL, NULL) ||
	    sqlite3_prepare_v2(db, "select sum(n) from t", -1, &stmt, NULL) ||
	    sqlite3_step(stmt) != SQLITE_ROW || sqlite3_column_int(stmt, 0) != 42)
		return 1;
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return printf("sqlite %s\n", sqlite3_libversion()) < 0;
}
