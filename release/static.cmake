# SPDX-License-Identifier: Apache-2.0
# How a release is linked: everything from archives into one static-pie executable that needs nothing of the host.
# Included by CMakeLists.txt with -DSTATIC=ON, after the libraries have been found.

if(NOT CMAKE_LIBRARY_ARCHITECTURE)
  message(FATAL_ERROR "a static build needs Debian's archives; on other systems use `cmake --preset develop`, or release/build on Debian")
endif()
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
  set(ARCH arm64)
else()
  set(ARCH amd64)
endif()
execute_process(COMMAND ${CMAKE_SOURCE_DIR}/release/curl --arch ${ARCH} OUTPUT_VARIABLE CURL_PLACE OUTPUT_STRIP_TRAILING_WHITESPACE
  COMMAND_ERROR_IS_FATAL ANY)
include_directories(BEFORE ${CURL_PLACE}/include)
file(STRINGS ${CURL_PLACE}/version CURL_SOURCE_VERSION)

# Everything that pkg-config names for a static link, but for what libc.a holds itself. nghttp2 and c-ares are curl's.
pkg_check_modules(PROTOBUFC REQUIRED libprotobuf-c)
set(NAMES ${GRPC_STATIC_LIBRARIES} ${RE2_STATIC_LIBRARIES} ${OPENSSL_STATIC_LIBRARIES} ${YAML_STATIC_LIBRARIES}
  ${JANSSON_STATIC_LIBRARIES} ${ZLIB_STATIC_LIBRARIES} ${MSGPACK_STATIC_LIBRARIES} ${PROTOBUFC_STATIC_LIBRARIES} nghttp2 cares crypt)
list(REMOVE_DUPLICATES NAMES)
list(REMOVE_ITEM NAMES m dl rt pthread c stdc++ gcc gcc_s atomic)
set(ARCHIVES ${CURL_PLACE}/lib/libcurl.a)
foreach(NAME IN LISTS NAMES)
  find_library(ARCHIVE_${NAME} lib${NAME}.a REQUIRED)
  list(APPEND ARCHIVES ${ARCHIVE_${NAME}})
endforeach()

# Which Debian packages these are, for --version: a security notice names them so.
list(SUBLIST ARCHIVES 1 -1 OWNED)
execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=libstdc++.a OUTPUT_VARIABLE STDCXX OUTPUT_STRIP_TRAILING_WHITESPACE)
execute_process(COMMAND ${CMAKE_C_COMPILER} -print-file-name=libc.a OUTPUT_VARIABLE LIBC OUTPUT_STRIP_TRAILING_WHITESPACE)
file(REAL_PATH ${STDCXX} STDCXX)
file(REAL_PATH ${LIBC} LIBC)
execute_process(COMMAND dpkg-query -S ${OWNED} ${STDCXX} ${LIBC} OUTPUT_VARIABLE OWNERS COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+: /" OWNERS "${OWNERS}")
list(TRANSFORM OWNERS REPLACE ": /$" "")
list(REMOVE_DUPLICATES OWNERS)
execute_process(COMMAND dpkg-query -W -f "\${Package} \${Version}\n" ${OWNERS} OUTPUT_VARIABLE LINKED OUTPUT_STRIP_TRAILING_WHITESPACE
  COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "\n" ";" LINKED "${LINKED}")
list(APPEND LINKED "curl ${CURL_SOURCE_VERSION}")
list(SORT LINKED)
list(JOIN LINKED ", " LINKED)

# gcc 12 links the shared libc when -static-libgcc stands beside -static-pie. libc's name service, dlopen and what would
# load the host's modules are replaced by release/closed.c: a warning of the linker about one more is an error.
set(CLOSED getaddrinfo freeaddrinfo getnameinfo gethostbyname getservbyname getservbyname_r getservbyport_r dlopen)
list(TRANSFORM CLOSED PREPEND -Wl,--wrap=)
add_compile_options(-fstack-protector-strong -fstack-clash-protection -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.
  -ffile-prefix-map=${CMAKE_BINARY_DIR}=build -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
if(ARCH STREQUAL "arm64")
  add_compile_options(-mbranch-protection=standard)
else()
  add_compile_options(-fcf-protection)
endif()
add_link_options(-static-pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,pack-relative-relocs -Wl,--gc-sections -Wl,--fatal-warnings
  -Wl,--build-id=none -s -Wl,-Map=${CMAKE_BINARY_DIR}/$<TARGET_PROPERTY:NAME>.map ${CLOSED})

# Last on every link line, as one group: OpenSSL and c-ares are needed by two libraries each.
list(JOIN ARCHIVES " " GROUP)
set(CMAKE_C_STANDARD_LIBRARIES "-Wl,--start-group ${GROUP} -lm -Wl,--end-group")
set(CMAKE_CXX_STANDARD_LIBRARIES ${CMAKE_C_STANDARD_LIBRARIES})

set(CURL_LINK_LIBRARIES ${CURL_PLACE}/lib/libcurl.a)
set(CLOSED_SOURCE ${CMAKE_SOURCE_DIR}/release/closed.c)
