// evmone's baseline interpreter as a peer of the `evm` bench suite; Sources/opal-bench/EVMPeer.swift
// has the lines that this program reads and answers. Built by tools/bench-evmone, with evmone's own
// host and state (test/state); code is analysed once, not at each call.
#include "host.hpp"
#include "state.hpp"
#include "test_state.hpp"
#include "transaction.hpp"
#include <evmone/baseline.hpp>
#include <evmone/evmone.h>
#include <evmone/vm.hpp>
#include <ctime>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <unordered_map>

using namespace evmone;
using namespace evmc;

namespace
{
constexpr auto revision = EVMC_CANCUN;

bytes decoded(const std::string& word)
{
    return word == "-" ? bytes{} : from_hex(word).value();
}

template <typename T>
T fixed(const std::string& word)
{
    return from_hex<T>(word).value();
}

// The analyses, by where the code lies: a run keeps its state, so code does not move in it.
struct Analyses
{
    std::map<bytes, std::unique_ptr<baseline::CodeAnalysis>> by_code;
    std::unordered_map<const uint8_t*, const baseline::CodeAnalysis*> by_place;

    const baseline::CodeAnalysis& of(const uint8_t* code, size_t size)
    {
        auto& known = by_place[code];
        if (known == nullptr)
        {
            auto& made = by_code[{code, size}];
            if (!made)
                made = std::make_unique<baseline::CodeAnalysis>(
                    baseline::analyze({made_copy(code, size)}, false));
            known = made.get();
        }
        return *known;
    }

    std::vector<std::unique_ptr<bytes>> copies;
    bytes_view made_copy(const uint8_t* code, size_t size)
    {
        copies.push_back(std::make_unique<bytes>(code, size));
        return *copies.back();
    }
};

Analyses analyses;
evmone::VM* machine = nullptr;
bool creates = false;

evmc_result execute(evmc_vm*, const evmc_host_interface* host, evmc_host_context* context,
    evmc_revision rev, const evmc_message* msg, const uint8_t* code, size_t size) noexcept
{
    // Init code lies where other init code lay before.
    if (creates || msg->kind == EVMC_CREATE || msg->kind == EVMC_CREATE2)
        return baseline::execute(*machine, *host, context, rev, *msg,
            baseline::analyze({code, size}, false));
    return baseline::execute(*machine, *host, context, rev, *msg, analyses.of(code, size));
}

struct Program
{
    test::TestState state;
    address caller, target;
    bytes input;
    int64_t gas = 0;
};

double now()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return double(time.tv_sec) + double(time.tv_nsec) * 1e-9;
}

void run(const Program& program, evmc::VM& vm, int count)
{
    double spent = 0;
    int64_t used = 0;
    bytes output;
    state::BlockInfo block;
    block.number = 1;
    block.timestamp = 1;
    block.gas_limit = int64_t{1} << 60;
    block.coinbase = 0x00000000000000000000000000000000000c01b0_address;
    block.prev_randao = 0x0100000000000000000000000000000000000000000000000000000000000000_bytes32;
    block.blob_base_fee = 1;
    const test::TestBlockHashes hashes;
    for (int index = 0; index < count; ++index)
    {
        state::Transaction transaction;
        transaction.sender = program.caller;
        transaction.to = program.target;
        state::State state{program.state};
        state::Host host{revision, vm, state, block, hashes, transaction};
        for (const auto& warm : {program.target, program.caller, block.coinbase})
            host.access_account(warm);
        analyses.by_place.clear();
        evmc_message message{};
        message.kind = EVMC_CALL;
        message.gas = program.gas;
        message.recipient = program.target;
        message.code_address = program.target;
        message.sender = program.caller;
        message.input_data = program.input.data();
        message.input_size = program.input.size();
        const auto begin = now();
        const auto result = host.call(message);
        spent += now() - begin;
        if (result.status_code != EVMC_SUCCESS)
        {
            std::cout << "failed" << std::endl;
            return;
        }
        used = program.gas - result.gas_left;
        output.assign(result.output_data, result.output_size);
    }
    std::cout << spent / count << ' ' << used << ' ' << (output.empty() ? "-" : hex(output))
              << std::endl;
}
}  // namespace

int main()
{
    std::cout.precision(12);
    machine = static_cast<evmone::VM*>(evmc_create_evmone());
    auto wrapped = evmc_vm{EVMC_ABI_VERSION, "cached", "0", [](evmc_vm*) {}, execute,
        [](evmc_vm*) { return evmc_capabilities_flagset{EVMC_CAPABILITY_EVM1}; }, nullptr};
    evmc::VM vm{&wrapped};
    Program program;
    std::string line;
    while (std::getline(std::cin, line))
    {
        std::istringstream words{line};
        std::string kind, a, b, c, d;
        words >> kind >> a >> b >> c >> d;
        if (kind == "program")
        {
            program = {};
            analyses = {};
        }
        else if (kind == "account")
        {
            auto& account = program.state[fixed<address>(a)];
            account.nonce = std::stoull(b);
            account.balance = intx::be::load<intx::uint256>(fixed<bytes32>(c));
            account.code = decoded(d);
        }
        else if (kind == "slot")
            program.state[fixed<address>(a)].storage[fixed<bytes32>(b)] = fixed<bytes32>(c);
        else if (kind == "message")
        {
            program.caller = fixed<address>(a);
            program.target = fixed<address>(b);
            program.input = decoded(c);
            program.gas = std::stoll(d);
        }
        else if (kind == "run")
            run(program, vm, std::stoi(a));
    }
}
