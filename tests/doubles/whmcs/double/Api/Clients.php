<?php

namespace WhmcsDouble\Api;

use WHMCS\Database\Capsule;

/**
 * The actions on clients and what they bought.
 */
final class Clients
{
    public static function getClients(array $values, object $admin): array
    {
        $clients = Capsule::table('tblclients')->orderBy('id');
        $prefix = Values::text($values, 'search');
        if ($prefix !== '') {
            $clients->where(function ($query) use ($prefix) {
                foreach (['email', 'firstname', 'lastname', 'companyname'] as $column) {
                    $query->orWhere($column, 'like', $prefix . '%');
                }
            });
        }
        $total = (clone $clients)->count();
        $rows = array_map(function ($client) {
            return [
                'id' => $client->id, 'firstname' => $client->firstname, 'lastname' => $client->lastname,
                'companyname' => $client->companyname, 'email' => $client->email,
                'datecreated' => $client->datecreated, 'groupid' => $client->groupid, 'status' => $client->status,
            ];
        }, Values::page($clients, $values));
        return [
            'result' => 'success', 'totalresults' => $total, 'startnumber' => Values::number($values, 'limitstart'),
            'numreturned' => count($rows), 'clients' => Values::listed('client', $rows),
        ];
    }

    public static function getClientsDetails(array $values, object $admin): array
    {
        if (empty($values['clientid']) && empty($values['email'])) {
            throw new Refusal('Either clientid Or email Is Required');
        }
        $column = empty($values['clientid']) ? 'email' : 'id';
        $client = Capsule::table('tblclients')->where($column, $values['clientid'] ?? $values['email'])->first();
        if ($client === null) {
            throw new Refusal('Client Not Found');
        }
        $details = [
            'id' => $client->id, 'uuid' => $client->uuid, 'firstname' => $client->firstname,
            'lastname' => $client->lastname, 'fullname' => $client->firstname . ' ' . $client->lastname,
            'companyname' => $client->companyname, 'email' => $client->email, 'phonenumber' => $client->phonenumber,
            'groupid' => $client->groupid, 'status' => $client->status, 'credit' => $client->credit,
            'currency' => $client->currency, 'currency_code' => 'EUR', 'language' => $client->language,
        ];
        return ['result' => 'success'] + $details + ['client' => $details];
    }

    public static function getClientsProducts(array $values, object $admin): array
    {
        $services = Capsule::table('tblhosting')->orderBy('id');
        $filters = ['clientid' => 'userid', 'serviceid' => 'id', 'pid' => 'packageid', 'domain' => 'domain'];
        foreach ($filters as $name => $column) {
            if (!empty($values[$name])) {
                $services->where($column, $values[$name]);
            }
        }
        $total = (clone $services)->count();
        $rows = array_map([self::class, 'service'], Values::page($services, $values));
        return [
            'result' => 'success', 'clientid' => $values['clientid'] ?? null, 'totalresults' => (string) $total,
            'numreturned' => count($rows), 'products' => Values::listed('product', $rows),
        ];
    }

    private static function service(object $service): array
    {
        $server = Capsule::table('tblservers')->where('id', $service->server)->first();
        return [
            'id' => (string) $service->id, 'clientid' => (string) $service->userid,
            'orderid' => (string) $service->orderid, 'pid' => (string) $service->packageid,
            'regdate' => $service->regdate, 'domain' => $service->domain, 'dedicatedip' => $service->dedicatedip,
            'assignedips' => $service->assignedips, 'serverid' => (string) $service->server,
            'servername' => $server->name, 'serverip' => $server->ipaddress, 'serverhostname' => $server->hostname,
            'recurringamount' => $service->amount, 'billingcycle' => $service->billingcycle,
            'nextduedate' => $service->nextduedate, 'status' => $service->domainstatus,
            'username' => $service->username, 'password' => decrypt($service->password),
            'customfields' => '', 'configoptions' => '',
        ];
    }
}
