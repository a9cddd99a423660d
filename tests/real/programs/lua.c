/* SPDX-License-Identifier: MIT */
/*
 * cc: -llua -lm
 * pkg-config: lua
 * run: bin/lua -v
 * run: bin/lua -e 'assert(6 * 7 == 42)'
 * run: bin/luac -v
 */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>

int main(void)
{
	lua_State *lua = luaL_newstate();

	if (!lua)
		return 1;
	luaL_openlibs(lua);
	if (luaL_dostring(lua, "return string.rep('x', 42):len()") || lua_tointeger(lua, -1) != 42)
		return 1;
	lua_close(lua);
	return printf("%s\n", LUA_RELEASE) < 0;
}
